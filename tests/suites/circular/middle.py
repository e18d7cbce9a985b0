from ends import X

Y = X
